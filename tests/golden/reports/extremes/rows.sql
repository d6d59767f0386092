CREATE TABLE facts (day text, side text, huge real, tiny real, loss real, enormous real, cents real);
INSERT INTO facts VALUES
  ('2026-11-17', 'a', 1e15, -1e-9, -1500.5, 1e300, 2.675), ('2026-11-17', 'b', 2.5, 0, 250, -3e299, 0),
  ('2026-11-10', 'a', -1e15, 1e-9, 1500.5, -1e300, 1e-7), ('2026-11-10', 'b', 0, 0, -0.001, 0, 0),
  ('2025-11-18', 'a', 1, 1, 1e9, 1, 1);
