CREATE TABLE leads (day text, channel text, created int, cost real);
INSERT INTO leads VALUES ('2026-11-17', 'paid', 3, NULL), ('2026-11-18', NULL, 2, 4.5), ('2026-11-10', 'paid', 4, 9.0);
CREATE TABLE base (day text, customers int);
CREATE TABLE visits (day text, visits int);
INSERT INTO visits VALUES ('2026-11-16', 7), ('2026-11-10', 6);
