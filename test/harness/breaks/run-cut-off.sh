# The state as after a run that was stopped at Horizon.
terraform() { "$(sed -n '/"terraform"/,/}/s/.*"path": "\(.*\)".*/\1/p' "$lab/.lab/lab.json")" "$1" -state="$lab/.lab/terraform/services.tfstate" terraform_data.horizon >/dev/null; }
break_it() { cd /; terraform taint; }
undo() { cd /; terraform untaint; }
