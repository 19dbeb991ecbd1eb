/*
 * AWS's client for Java against a running Posthorn. By itself it checks the MD5s of bodies and of message attributes, of
 * what it sends and of what it receives, which few other clients do. Before 2.21 it speaks Query, later JSON.
 *
 *     npm start -- --memory                           # in one terminal
 *     sh test/interop/javaFlow.sh 2.34.0              # in another; any version
 *     sh test/interop/javaFlow.sh 2.20.162 http://localhost:4566
 */
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.QueueNameExistsException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SqsException;

public class JavaFlow {
  static final String name = "interop-" + UUID.randomUUID().toString().substring(0, 8);
  static SqsClient sqs;

  public static void main(String[] arguments) {
    System.out.println("software.amazon.awssdk " + VersionInfo.SDK_VERSION);
    var credentials = AwsBasicCredentials.create("123456789012", "secret");
    sqs = SqsClient.builder()
        .endpointOverride(URI.create(arguments[0]))
        .region(Region.EU_WEST_1)
        .credentialsProvider(StaticCredentialsProvider.create(credentials))
        .httpClient(ApacheHttpClient.create())
        .build();
    var url = sqs.createQueue(r -> r.queueName(name).attributes(Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "60")))
        .queueUrl();
    expect("create, find", url.equals(sqs.getQueueUrl(r -> r.queueName(name)).queueUrl()));
    carryAttributes(url);
    sendBatches(url);
    fail(url);
    sqs.deleteQueue(r -> r.queueUrl(url));
    useFifo();
    System.out.println("all well");
  }

  static void carryAttributes(String url) {
    var all = new byte[256];
    for (var n = 0; n < all.length; n++) all[n] = (byte) n;
    var values = Map.of(
        "text", text("String", "\u017elu\u0165 \ud83d\ude00 <&>"),
        "text.labelled", text("String.uri", "https://example.org/"),
        "count", text("Number", "-1.5e10"),
        "count.labelled", text("Number.int", "0042"),
        "bytes", MessageAttributeValue.builder().dataType("Binary").binaryValue(SdkBytes.fromByteArray(all)).build());
    var trace = MessageSystemAttributeValue.builder().dataType("String").stringValue("Root=1").build();
    var body = "line\r\nline\rline\n\t\"<&>\" \u017elu\u0165 \ud83d\ude00";
    var sent = sqs.sendMessage(r -> r.queueUrl(url).messageBody(body).messageAttributes(values)
        .messageSystemAttributes(Map.of(MessageSystemAttributeNameForSends.AWS_TRACE_HEADER, trace)));
    expect("three MD5s in the answer", sent.md5OfMessageBody() != null && sent.md5OfMessageAttributes() != null
        && sent.md5OfMessageSystemAttributes() != null);
    var found = sqs.receiveMessage(r -> r.queueUrl(url).messageAttributeNames("All").waitTimeSeconds(1)).messages().get(0);
    expect("a body with every kind of character", found.body().equals(body));
    expect("attributes of all types", found.messageAttributes().equals(values));
    expect("their MD5 in what is received", found.md5OfMessageAttributes().equals(sent.md5OfMessageAttributes()));
    sqs.changeMessageVisibility(r -> r.queueUrl(url).receiptHandle(found.receiptHandle()).visibilityTimeout(0));
    // Only some attributes are asked for: the MD5 must be of those.
    var part = sqs.receiveMessage(r -> r.queueUrl(url).messageAttributeNames("count*", "text", "count.*")).messages().get(0);
    expect("some of them", part.messageAttributes().containsKey("text") && !part.messageAttributes().containsKey("bytes"));
    sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(part.receiptHandle()));
  }

  static void sendBatches(String url) {
    for (var batch = 0; batch < 10; batch++) {
      var first = batch * 10;
      var entries = IntStream.range(first, first + 10).mapToObj(n -> SendMessageBatchRequestEntry.builder()
          .id("m" + n).messageBody("message " + n)
          .messageAttributes(Map.of("n", text("Number", "" + n))).build()).toList();
      var answer = sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries));
      if (answer.successful().size() != 10) expect("a batch: " + answer, false);
    }
    var seen = new ArrayList<String>();
    while (seen.size() < 100) {
      var messages = sqs.receiveMessage(
          r -> r.queueUrl(url).maxNumberOfMessages(10).messageAttributeNames("All").waitTimeSeconds(1)).messages();
      if (messages.isEmpty()) break;
      for (var message : messages) {
        seen.add(message.body());
        sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
      }
    }
    expect("100 in batches", seen.stream().distinct().count() == 100);
  }

  static void fail(String url) {
    expect("QueueDoesNotExistException",
        refused(() -> sqs.getQueueUrl(r -> r.queueName(name + "-not"))) instanceof QueueDoesNotExistException);
    var refusal = refused(() -> sqs.getQueueUrl(r -> r.queueName(name + "-not")));
    expect("its code", refusal.awsErrorDetails().errorCode().equals("AWS.SimpleQueueService.NonExistentQueue")
        || refusal.awsErrorDetails().errorCode().equals("QueueDoesNotExist"));
    expect("QueueNameExistsException",
        refused(() -> sqs.createQueue(r -> r.queueName(name).attributes(
            Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "61")))) instanceof QueueNameExistsException);
  }

  static void useFifo() {
    var attributes = Map.of(QueueAttributeName.FIFO_QUEUE, "true", QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true");
    var url = sqs.createQueue(r -> r.queueName(name + ".fifo").attributes(attributes)).queueUrl();
    var first = sqs.sendMessage(r -> r.queueUrl(url).messageBody("one").messageGroupId("g"));
    var again = sqs.sendMessage(r -> r.queueUrl(url).messageBody("one").messageGroupId("g"));
    expect("a duplicate", again.messageId().equals(first.messageId())
        && again.sequenceNumber().equals(first.sequenceNumber()));
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("two").messageGroupId("g"));
    var bodies = sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10)).messages().stream()
        .map(Message::body).toList();
    expect("in order", bodies.equals(List.of("one", "two")));
    sqs.deleteQueue(r -> r.queueUrl(url));
  }

  static MessageAttributeValue text(String type, String value) {
    return MessageAttributeValue.builder().dataType(type).stringValue(value).build();
  }

  static SqsException refused(Runnable call) {
    try {
      call.run();
    } catch (SqsException error) {
      return error;
    }
    throw new AssertionError("not refused");
  }

  static void expect(String what, boolean condition) {
    System.out.println((condition ? "ok     " : "FAILED ") + what);
    if (!condition) System.exit(1);
  }
}
