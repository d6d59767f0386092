CREATE TABLE leads (day text, campaign text, created int, cost real);
INSERT INTO leads VALUES
  ('2026-11-17', '=cmd|''/c calc''!A0', 20, 10.5),
  ('2026-11-10', '=cmd|''/c calc''!A0', 10, 12.5),
  ('2026-11-17', '<script>alert(1)</script>', 19, 13.5),
  ('2026-11-10', '<script>alert(1)</script>', 11, 13.5),
  ('2026-11-17', 'a;"b",''c''', 18, 16.5),
  ('2026-11-10', 'a;"b",''c''', 12, 14.5),
  ('2026-11-17', 'line
break	tab', 17, 19.5),
  ('2026-11-10', 'line
break	tab', 13, 15.5),
  ('2026-11-17', 'مبيعات‮gpj.exe', 16, 22.5),
  ('2026-11-10', 'مبيعات‮gpj.exe', 14, 16.5),
  ('2026-11-17', '👩‍👩‍👧‍👦', 15, 25.5),
  ('2026-11-10', '👩‍👩‍👧‍👦', 15, 17.5),
  ('2026-11-17', '', 14, 28.5),
  ('2026-11-10', '', 16, 18.5),
  ('2026-11-17', '  ', 13, 31.5),
  ('2026-11-10', '  ', 17, 19.5),
  ('2026-11-17', NULL, 3, 3),
  ('2026-11-17', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy', 2, 2),
  ('2026-11-17', 'Un segmento de nombre largo Un segmento de nombre largo Un segmento de nombre largo Un segmento de nombre largo Un segmento de nombre largo Un segmento de nombre largo Un segmento de nombre largo Un segmento de nombre largo Un segmento de nombre largo Un segmento de nombre largo ', 1, 4);
