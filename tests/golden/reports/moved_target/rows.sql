CREATE TABLE leads (day text, created int, cost real);
INSERT INTO leads VALUES ('2026-11-17', 50, 210.5), ('2026-11-10', 45, 150), ('2026-11-03', 41, 160), ('2025-11-18', 30, 99);
