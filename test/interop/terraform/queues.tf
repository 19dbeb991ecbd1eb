# One queue with the defaults, one of each kind with every attribute, and their dead letter queues.

locals {
  changed = var.generation == 2
}

resource "aws_sqs_queue" "plain" {
  name = "${var.prefix}-plain"
}

resource "aws_sqs_queue" "full" {
  name                       = "${var.prefix}-full"
  visibility_timeout_seconds = local.changed ? 0 : 60
  message_retention_seconds  = local.changed ? 1209600 : 60
  max_message_size           = local.changed ? 262144 : 1024
  delay_seconds              = local.changed ? 0 : 900
  receive_wait_time_seconds  = local.changed ? 20 : 1
  sqs_managed_sse_enabled    = local.changed

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = local.changed ? "second" : "first"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = local.changed ? ["sqs:SendMessage", "sqs:ReceiveMessage"] : ["sqs:SendMessage"]
      Resource  = "arn:aws:sqs:eu-west-1:123456789012:${var.prefix}-full"
    }]
  })

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = local.changed ? 1000 : 1
  })

  tags = local.changed ? { team = "b", stage = "test" } : { team = "a" }
}

resource "aws_sqs_queue" "dead" {
  name = "${var.prefix}-dead"
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id

  redrive_allow_policy = local.changed ? jsonencode({ redrivePermission = "allowAll" }) : jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.full.arn]
  })
}

resource "aws_sqs_queue" "encrypted" {
  name                              = "${var.prefix}-encrypted"
  kms_master_key_id                 = local.changed ? "alias/orders" : "alias/aws/sqs"
  kms_data_key_reuse_period_seconds = local.changed ? 86400 : 60
}

# What a policy allows, and where dead letters go, can be resources of their own.
resource "aws_sqs_queue" "apart" {
  name = "${var.prefix}-apart"
}

data "aws_iam_policy_document" "apart" {
  statement {
    sid       = "topic"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.apart.arn]

    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:aws:sns:eu-west-1:123456789012:topic-${var.generation}"]
    }
  }
}

resource "aws_sqs_queue_policy" "apart" {
  queue_url = aws_sqs_queue.apart.id
  policy    = data.aws_iam_policy_document.apart.json
}

resource "aws_sqs_queue_redrive_policy" "apart" {
  queue_url = aws_sqs_queue.apart.id

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.plain.arn
    maxReceiveCount     = 4 + var.generation
  })
}

resource "aws_sqs_queue" "fifo" {
  name                        = "${var.prefix}-orders.fifo"
  fifo_queue                  = true
  content_based_deduplication = !local.changed
  deduplication_scope         = local.changed ? "messageGroup" : "queue"
  fifo_throughput_limit       = local.changed ? "perMessageGroupId" : "perQueue"

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_fifo.arn
    maxReceiveCount     = 3
  })
}

resource "aws_sqs_queue" "dead_fifo" {
  name       = "${var.prefix}-dead.fifo"
  fifo_queue = true

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = ["arn:aws:sqs:eu-west-1:123456789012:${var.prefix}-orders.fifo"]
  })
}

data "aws_caller_identity" "current" {}

data "aws_sqs_queue" "full" {
  name       = aws_sqs_queue.full.name
  depends_on = [aws_sqs_queue.full]
}

data "aws_sqs_queues" "all" {
  queue_name_prefix = var.prefix
  depends_on        = [aws_sqs_queue.plain, aws_sqs_queue.full, aws_sqs_queue.fifo]
}

output "account" {
  value = data.aws_caller_identity.current.account_id
}

output "url" {
  value = aws_sqs_queue.full.url
}

output "found_url" {
  value = data.aws_sqs_queue.full.url
}
