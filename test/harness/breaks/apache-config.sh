# The site that Debian's package enables, without the module it needs.
break_it() { on controller 'a2ensite -q default-ssl; systemctl restart apache2 || true'; }
undo() { on controller 'a2dissite -q default-ssl; systemctl restart apache2'; }
