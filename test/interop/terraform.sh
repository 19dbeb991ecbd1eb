#!/bin/sh
# Terraform's AWS provider against a running Posthorn: what it created must need no change when it looks again. Five
# minutes, nearly all of them the provider's own waits. Needs `terraform`, and the provider or a way to get it.
#
#     npm start -- --memory                           # in one terminal
#     sh test/interop/terraform.sh                    # in another
#     sh test/interop/terraform.sh http://localhost:9 # another endpoint
#
# TF_PLUGIN_DIR may name a folder that holds the provider (see `terraform init -plugin-dir`); else it is downloaded.
set -eu

# shellcheck source=expectations.sh
. "$(dirname "$0")/expectations.sh"
# The provider retries by itself, and knows its own keys.
unset AWS_MAX_ATTEMPTS AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
source="$(cd "$(dirname "$0")" && pwd)/terraform"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cp "$source"/*.tf "$folder"
cd "$folder"

export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0
export TF_VAR_endpoint="$endpoint" TF_VAR_prefix="$name"

converges() { # what: a plan right after an apply has nothing to do
  status=0
  terraform plan -no-color -detailed-exitcode >plan.txt 2>&1 || status=$?
  [ "$status" = 0 ] || cat plan.txt >&2
  expect "$1: nothing left to do" 0 "$status"
}

run() { # a step that prints only if it fails
  "$@" >step.txt 2>&1 || { cat step.txt >&2 && echo "FAILED $*" >&2 && exit 1; }
  grep -E '^(Apply|Destroy) complete' step.txt || true
}

run terraform init -no-color ${TF_PLUGIN_DIR:+-plugin-dir="$TF_PLUGIN_DIR"}
terraform version -no-color | grep -E '^Terraform v|provider'

run terraform apply -no-color -auto-approve
expect 'the account, from STS' 123456789012 "$(terraform output -raw account)"
expect 'the data source finds the queue' "$(terraform output -raw url)" "$(terraform output -raw found_url)"
expect 'the data source finds the topic' "$(terraform output -raw topic)" "$(terraform output -raw found_topic)"
converges 'created'

run terraform apply -no-color -auto-approve -var generation=2
export TF_VAR_generation=2
converges 'changed'

url="$(terraform output -raw url)"
topic="$(terraform output -raw topic)"
subscription="$(terraform output -raw subscription)"
run terraform state rm aws_sqs_queue.full aws_sns_topic.full aws_sns_topic_subscription.full
run terraform import -no-color aws_sqs_queue.full "$url"
run terraform import -no-color aws_sns_topic.full "$topic"
run terraform import -no-color aws_sns_topic_subscription.full "$subscription"
# An import leaves out how long to wait for a confirmation, which is the provider's own: it writes it down here.
run terraform apply -no-color -auto-approve
converges 'imported'

run terraform apply -no-color -auto-approve -target=aws_sns_topic.fifo -var archive=false
run terraform destroy -no-color -auto-approve
expect 'destroyed: nothing known' '' "$(terraform state list)"
echo 'all well'
