SELECT day, channel, visits, orders, revenue
FROM shop_days
WHERE day >= :start AND day < :end
