# By the product's own way: its unit, and a rate on the tap.
uuid() { sql 'SELECT uuid FROM nova.instances WHERE deleted = 0 LIMIT 1'; }
break_it() { "$lab/lab" impair "$(uuid)" --rate 10mbit --for 20m; }
undo() { "$lab/lab" impair "$(uuid)" --off; }
