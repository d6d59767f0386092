WITH RECURSIVE days (day) AS (
  SELECT CAST(:start_date AS date)
  UNION ALL
  SELECT day + INTERVAL 1 DAY FROM days WHERE day + INTERVAL 1 DAY < CAST(:end_date AS date)
), channels (channel, size, rate) AS (
  SELECT 'organic', 250, 30 UNION ALL SELECT 'ads', 150, 22 UNION ALL SELECT 'email', 60, 55
), example AS (
  SELECT day, channel, n, rate + n % 5 AS rate, size + (n - 9500) DIV 10 + n * 17 % 40 AS visits
  FROM (SELECT day, datediff(day, '2000-01-01') AS n FROM days) AS numbered, channels
)
SELECT day, channel, visits, visits * rate DIV 1000 AS orders, (visits * rate DIV 1000) * (70 + n % 13) AS revenue
FROM example
