break_it() { sql 'SET GLOBAL max_connections = 10'; }
undo() { sql 'SET GLOBAL max_connections = 4096'; }
