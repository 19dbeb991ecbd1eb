# shellcheck shell=sh disable=SC2034
# What the shell scripts beside this file share: the endpoint, the CLI that talks to it, and how to expect something.
endpoint="${1:-http://127.0.0.1:4566}"
export AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=eu-west-1
export AWS_PAGER='' AWS_MAX_ATTEMPTS=1
name="interop-$$-$(date +%s)"

sqs() {
  aws --endpoint-url "$endpoint" sqs "$@"
}

sns() {
  aws --endpoint-url "$endpoint" sns "$@"
}

expect() { # what, wanted, found
  if [ "$2" = "$3" ]; then
    echo "ok     $1"
  else
    echo "FAILED $1: wanted '$2', found '$3'" >&2
    exit 1
  fi
}

refused() { # the code, then the command of SQS
  refusedBy sqs "$@"
}

snsRefused() { # the code, then the command of SNS
  refusedBy sns "$@"
}

refusedBy() { # the service, the code, then the command
  service="$1"
  code="$2"
  shift 2
  if output=$("$service" "$@" 2>&1); then
    echo "FAILED $1 is not refused" >&2
    exit 1
  fi
  case "$output" in
    *"($code)"*) echo "ok     $(echo "$output" | tail -1)" ;;
    *) echo "FAILED $1: $output" >&2 && exit 1 ;;
  esac
}

attribute() { # url, name
  sqs get-queue-attributes --queue-url "$1" --attribute-names All --query "Attributes.$2" --output text
}

attributes() { # url, names; prints the values with a space between them
  queue="$1"
  shift
  values=''
  for each in "$@"; do values="$values $(attribute "$queue" "$each")"; done
  echo "${values# }"
}

createQueue() { # name, then more arguments; prints the URL
  sqs create-queue --queue-name "$@" --query QueueUrl --output text
}
