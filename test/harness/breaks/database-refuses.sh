break_it() { sql "ALTER USER 'placement'@'%' IDENTIFIED BY 'not-the-password'"; }
