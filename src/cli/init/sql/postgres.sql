SELECT day, channel, visits, visits * rate / 1000 AS orders, visits * rate / 1000 * (70 + n % 13) AS revenue
FROM (SELECT day, channel, n, rate + n % 5 AS rate, size + (n - 9500) / 10 + n * 17 % 40 AS visits
      FROM (SELECT day::date AS day, day::date - date '2000-01-01' AS n
            FROM generate_series(:start_date::timestamp, :end_date::timestamp - interval '1 day', interval '1 day') AS day
           ) AS days,
           (VALUES ('organic', 250, 30), ('ads', 150, 22), ('email', 60, 55)) AS channels (channel, size, rate)
     ) AS example
