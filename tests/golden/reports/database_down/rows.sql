CREATE TABLE leads (day text, channel text, created int);
INSERT INTO leads VALUES ('2026-11-17', 'paid', 3), ('2026-11-18', 'organic', 8), ('2026-11-10', 'paid', 4);
