CREATE TABLE sales (d text, c text, v int, l int, s real);
WITH RECURSIVE week(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM week WHERE n < 60),
  channel(c, k) AS (VALUES ('ένα', 1), ('δύο', 2), ('τρία', 3), ('τέσσερα', 4), ('πέντε', 5), ('έξι', 6), ('επτά', 7), ('οκτώ', 8), ('εννέα', 9), ('δέκα', 10), (NULL, 11))
INSERT INTO sales SELECT date('2026-11-18', '-' || (7 * n) || ' days'), c, 100 + k * 37 % 60 + n * 3, 10 + (k * 7 + n * 5) % 9 - (n = 1) * k, 500.5 + k * 13 - n * 4.25 FROM week, channel;
INSERT INTO sales VALUES ('2026-11-18', 'νέο', 2000, 160, 900), ('2026-11-11', 'ένα', 9, 0, 3);
CREATE TABLE base (d text, n int);
INSERT INTO base VALUES ('2026-11-18', 12), ('2026-11-11', 10);
CREATE TABLE test (d text, c text, v int, l int);
INSERT INTO test VALUES ('2026-11-18', 'άλφα', 900, 30), ('2026-11-18', 'βήτα', 900, 90), ('2026-11-11', 'άλφα', 800, 30), ('2026-11-11', 'βήτα', 50, 9);
CREATE TABLE unused (d text, n int);
CREATE TABLE steady (d text, c text, v int, l int);
INSERT INTO steady VALUES ('2026-11-18', 'άλφα', 900, 90), ('2026-11-18', 'βήτα', 100, 20), ('2026-11-11', 'άλφα', 500, 50), ('2026-11-11', 'βήτα', 500, 100);
