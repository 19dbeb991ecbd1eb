#!/bin/sh
# Users, roles and policies with the AWS CLI, against a server that enforces signatures. The root's key is in the environment
# of both:
#
#     export POSTHORN_ROOT_ACCESS_KEY_ID=AKIAEXAMPLEROOTKEY00 POSTHORN_ROOT_SECRET_ACCESS_KEY=an-example-secret
#     npm start -- --memory --auth enforce            # in one terminal
#     sh test/interop/awsCliAccess.sh                 # in another
set -eu
# shellcheck source=expectations.sh
. "$(dirname "$0")/expectations.sh"

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
# By this variable the CLI finds the STS that it assumes roles at.
export AWS_CONFIG_FILE="$folder/config" AWS_SHARED_CREDENTIALS_FILE="$folder/credentials" AWS_ENDPOINT_URL="$endpoint"
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
cat >"$AWS_SHARED_CREDENTIALS_FILE" <<END
[root]
aws_access_key_id = $POSTHORN_ROOT_ACCESS_KEY_ID
aws_secret_access_key = $POSTHORN_ROOT_SECRET_ACCESS_KEY
END

as() { # profile, then the command
  profile="$1"
  shift
  aws --endpoint-url "$endpoint" --profile "$profile" "$@"
}

denied() { # the code, the profile, then the command
  code="$1"
  shift
  if output=$(as "$@" 2>&1); then
    echo "FAILED $* is not refused" >&2
    exit 1
  fi
  case "$output" in
    *"($code)"*) echo "ok     $(echo "$output" | tail -1)" ;;
    *) echo "FAILED $*: $output" >&2 && exit 1 ;;
  esac
}

aws --version
account=$(as root sts get-caller-identity --query Account --output text)
expect 'the root' "arn:aws:iam::$account:root" "$(as root sts get-caller-identity --query Arn --output text)"
url=$(as root sqs create-queue --queue-name "$name" --query QueueUrl --output text)
arn=$(as root sqs get-queue-attributes --queue-url "$url" --attribute-names QueueArn --query Attributes.QueueArn --output text)

as root iam create-user --user-name "$name" >/dev/null
as root iam create-access-key --user-name "$name" --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text |
  while read -r id secret; do
    printf '[user]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$secret" >>"$AWS_SHARED_CREDENTIALS_FILE"
  done
expect 'the user' "arn:aws:iam::$account:user/$name" "$(as user sts get-caller-identity --query Arn --output text)"
denied AccessDenied user sqs send-message --queue-url "$url" --message-body hello
as root iam put-user-policy --user-name "$name" --policy-name own --policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}'

as root iam create-role --role-name "$name" --assume-role-policy-document \
  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":{\"AWS\":\"arn:aws:iam::$account:user/$name\"}}]}" >/dev/null
as root iam create-policy --policy-name "$name" --query Policy.Arn --output text --policy-document \
  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sqs:SendMessage\",\"sqs:ReceiveMessage\"],\"Resource\":\"$arn\"}]}" >"$folder/policy"
as root iam attach-role-policy --role-name "$name" --policy-arn "$(cat "$folder/policy")"
cat >"$AWS_CONFIG_FILE" <<END
[profile role]
role_arn = arn:aws:iam::$account:role/$name
source_profile = user
role_session_name = session
region = $AWS_DEFAULT_REGION
END
expect 'the role, assumed by a profile' "arn:aws:sts::$account:assumed-role/$name/session" \
  "$(as role sts get-caller-identity --query Arn --output text)"
as role sqs send-message --queue-url "$url" --message-body hello >/dev/null
expect 'sent and received by the role' hello \
  "$(as role sqs receive-message --queue-url "$url" --query 'Messages[0].Body' --output text)"
denied AccessDenied role sqs delete-queue --queue-url "$url"
denied AccessDenied user iam create-user --user-name "$name-other"
expect 'a simulation' 'allowed implicitDeny' "$(as root iam simulate-principal-policy --action-names sqs:SendMessage sqs:DeleteQueue \
  --policy-source-arn "arn:aws:iam::$account:role/$name" --resource-arns "$arn" \
  --query 'join(`" "`, EvaluationResults[].EvalDecision)' --output text)"

printf '[wrong]\naws_access_key_id = %s\naws_secret_access_key = wrong\n' "$POSTHORN_ROOT_ACCESS_KEY_ID" >>"$AWS_SHARED_CREDENTIALS_FILE"
denied SignatureDoesNotMatch wrong sqs list-queues
printf '[nobody]\naws_access_key_id = AKIANOBODY\naws_secret_access_key = wrong\n' >>"$AWS_SHARED_CREDENTIALS_FILE"
denied InvalidClientTokenId nobody sqs list-queues

key=$(as root kms create-key --query KeyMetadata.KeyId --output text)
printf hello >"$folder/plain"
as root kms encrypt --key-id "$key" --plaintext "fileb://$folder/plain" --query CiphertextBlob --output text |
  base64 -d >"$folder/sealed"
expect 'encrypted and decrypted' aGVsbG8= \
  "$(as root kms decrypt --ciphertext-blob "fileb://$folder/sealed" --query Plaintext --output text)"
denied AccessDeniedException role kms decrypt --ciphertext-blob "fileb://$folder/sealed"

as root iam detach-role-policy --role-name "$name" --policy-arn "$(cat "$folder/policy")"
denied AccessDenied role sqs send-message --queue-url "$url" --message-body hello
as root iam delete-role --role-name "$name"
as root iam delete-policy --policy-arn "$(cat "$folder/policy")"
as root sqs delete-queue --queue-url "$url"
echo 'all well'
