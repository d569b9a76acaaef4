-- What the image of PostgreSQL runs, by psql, when it makes the database of compose.yaml: a role that owns it and is no superuser.
\set ON_ERROR_STOP on
\set password `cat /run/secrets/database-password`
CREATE ROLE chainmail LOGIN PASSWORD :'password';
CREATE DATABASE chainmail OWNER chainmail ENCODING 'UTF8' TEMPLATE template0;
