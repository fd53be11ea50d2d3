-- The same rows here and, by partition, there. Texts with letters that the encodings write differently.
INSERT INTO here.contact
SELECT i, (ARRAY['Directeur général', 'VP', 'student', NULL])[1 + abs(hashint4(i)) % 4], abs(hashint4(i + 1)) % 900, (ARRAY['FR', 'DE', 'GB'])[1 + i % 3]
FROM generate_series(1, 400) i;
INSERT INTO here.activity
SELECT i, 1 + abs(hashint4(i + 2)) % 380, (ARRAY['page_view', 'rfq', 'email_öffnen', 'nothing'])[1 + abs(hashint4(i + 3)) % 4],
  timestamptz '2026-01-01Z' + abs(hashint4(i + 4)) % 200 * interval '1 day' + i * interval '1 microsecond',
  (ARRAY['/pricing', '/carrière', '/product', NULL])[1 + abs(hashint4(i + 5)) % 4], abs(hashint4(i + 6)) % 1000 / 7.0
FROM generate_series(1, 12000) i;
INSERT INTO crm.contact SELECT * FROM here.contact;
INSERT INTO crm.activity SELECT * FROM here.activity;
INSERT INTO here.loose_1 SELECT * FROM here.activity WHERE abs(hashint4(id)) % 3 = 0;
INSERT INTO here.loose_2 SELECT * FROM here.activity WHERE abs(hashint4(id)) % 3 = 1;
INSERT INTO here.loose_3 SELECT * FROM here.activity WHERE abs(hashint4(id)) % 3 = 2;
ANALYZE here.contact, here.activity, crm.contact, crm.activity;
