CREATE TABLE leads (day text, channel text, created int, visits int);
INSERT INTO leads VALUES ('2026-11-17', 'paid', 3, 90), ('2026-11-18', 'organic', 8, 110);
CREATE TABLE customers (day text, count int);
INSERT INTO customers VALUES ('2026-11-18', 2);
