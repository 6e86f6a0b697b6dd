break_it() { edit controller /etc/cinder/cinder.conf 's/^nfs_shares_config = .*/nfs_shares_config = \/etc\/cinder\/nothing/' cinder-volume; sleep 5; }
undo() { restore controller /etc/cinder/cinder.conf cinder-volume; }
