-- One of the other servers, and its partition of each table.
CREATE SERVER part_:number FOREIGN DATA WRAPPER postgres_fdw
  OPTIONS (host :'host', port :'port', dbname :'part', extensions 'leadscore', batch_size '1000', use_remote_estimate 'on');
CREATE USER MAPPING FOR CURRENT_USER SERVER part_:number;
CREATE FOREIGN TABLE crm.activity_:number PARTITION OF crm.activity FOR VALUES WITH (MODULUS 3, REMAINDER :remainder) SERVER part_:number
  OPTIONS (schema_name 'crm', table_name 'activity');
CREATE FOREIGN TABLE crm.contact_:number PARTITION OF crm.contact FOR VALUES WITH (MODULUS 3, REMAINDER :remainder) SERVER part_:number
  OPTIONS (schema_name 'crm', table_name 'contact');
CREATE FOREIGN TABLE crm.state_:number PARTITION OF crm.state FOR VALUES WITH (MODULUS 3, REMAINDER :remainder) SERVER part_:number
  OPTIONS (schema_name 'crm', table_name 'state');
CREATE FOREIGN TABLE here.loose_:number (id int, lead_id int, kind text, at timestamptz, url text, amount float8) SERVER part_:number
  OPTIONS (schema_name 'crm', table_name 'loose');
