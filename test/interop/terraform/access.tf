# Users, groups, roles, policies and keys: what others are given access by.

data "aws_caller_identity" "me" {}

resource "aws_iam_user" "sender" {
  name = "${var.prefix}-sender"
  path = "/machines/"
  tags = { team = local.changed ? "b" : "a" }
}

resource "aws_iam_access_key" "sender" {
  user   = aws_iam_user.sender.name
  status = local.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_policy" "sender" {
  name   = "own"
  user   = aws_iam_user.sender.name
  policy = data.aws_iam_policy_document.send.json
}

data "aws_iam_policy_document" "send" {
  statement {
    sid       = "Send"
    actions   = local.changed ? ["sqs:SendMessage", "sqs:GetQueueUrl"] : ["sqs:SendMessage"]
    resources = [aws_sqs_queue.plain.arn]
    condition {
      test     = "IpAddress"
      variable = "aws:SourceIp"
      values   = ["127.0.0.0/8", "::1/128"]
    }
  }
}

resource "aws_iam_policy" "receive" {
  name        = "${var.prefix}-receive"
  description = "Receives from the plain queue"
  tags        = { team = local.changed ? "b" : "a" }
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = local.changed ? ["sqs:ReceiveMessage", "sqs:DeleteMessage"] : ["sqs:ReceiveMessage"]
      Resource = aws_sqs_queue.plain.arn
    }]
  })
}

resource "aws_iam_role" "receiver" {
  name                 = "${var.prefix}-receiver"
  max_session_duration = local.changed ? 7200 : 3600
  permissions_boundary = aws_iam_policy.receive.arn
  tags                 = { team = "a" }
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }
    }]
  })
}

resource "aws_iam_role_policy" "receiver" {
  name   = "inline"
  role   = aws_iam_role.receiver.id
  policy = data.aws_iam_policy_document.send.json
}

resource "aws_iam_role_policy_attachment" "receiver" {
  role       = aws_iam_role.receiver.name
  policy_arn = aws_iam_policy.receive.arn
}

resource "aws_iam_user_policy_attachment" "sender" {
  user       = aws_iam_user.sender.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
}

resource "aws_iam_group" "machines" {
  name = "${var.prefix}-machines"
}

resource "aws_iam_group_policy" "machines" {
  name   = "own"
  group  = aws_iam_group.machines.name
  policy = data.aws_iam_policy_document.send.json
}

resource "aws_iam_group_policy_attachment" "machines" {
  group      = aws_iam_group.machines.name
  policy_arn = aws_iam_policy.receive.arn
}

resource "aws_iam_group_membership" "machines" {
  name  = "${var.prefix}-members"
  group = aws_iam_group.machines.name
  users = [aws_iam_user.sender.name]
}

resource "aws_kms_key" "queues" {
  description             = local.changed ? "Encrypts other queues" : "Encrypts queues"
  deletion_window_in_days = 7
  enable_key_rotation     = local.changed
  tags                    = { team = "a" }
}

resource "aws_kms_alias" "queues" {
  name          = "alias/${var.prefix}"
  target_key_id = aws_kms_key.queues.key_id
}

resource "aws_sqs_queue" "keyed" {
  name                              = "${var.prefix}-keyed"
  kms_master_key_id                 = aws_kms_key.queues.arn
  kms_data_key_reuse_period_seconds = local.changed ? 600 : 300
}
