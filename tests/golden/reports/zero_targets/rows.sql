CREATE TABLE facts (day text, up real, down real, flat real);
INSERT INTO facts VALUES ('2026-11-17', 90, 4, 0), ('2026-11-10', 100, 0, 0), ('2026-11-03', 80, 1, 0);
