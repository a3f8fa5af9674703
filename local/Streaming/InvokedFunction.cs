using System.Net;
using System.Text.Json;
using CdcDms.Contract;

namespace CdcDms.Local.Streaming;

/// <summary>The function that gets a stream's records, invoked as Lambda does.</summary>
/// <param name="endpoint">Where functions are invoked.</param>
/// <param name="name">The function's name.</param>
/// <param name="streamArn">The stream.</param>
/// <param name="failed">Hears the function's answer when it failed.</param>
internal sealed class InvokedFunction(Uri endpoint, string name, string streamArn, Action<string> failed)
{
    private static readonly HttpClient Http = new() { Timeout = Timeout.InfiniteTimeSpan };

    private readonly Uri _address = new(endpoint, $"2015-03-31/functions/{name}/invocations");

    /// <summary>About the bytes that a record takes in an event, rather more than less.</summary>
    public static int BytesOf(ReadRecord record)
    {
        const int ofOtherMembers = 1000;
        return (record.Data.Length * 4 / 3) + ofOtherMembers;
    }

    /// <summary>Invokes the function.</summary>
    /// <returns>False when it failed.</returns>
    /// <exception cref="CdcDmsException">The host of the functions does not answer.</exception>
    public async Task<bool> TakesAsync(string shard, IReadOnlyList<ReadRecord> records, CancellationToken cancellationToken)
    {
        using var body = new ByteArrayContent(Event(shard, records));
        try
        {
            using var answer = await Http.PostAsync(_address, body, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK && !answer.Headers.Contains("X-Amz-Function-Error"))
                return true;
            failed(await answer.Content.ReadAsStringAsync(cancellationToken));
            return false;
        }
        catch (HttpRequestException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable, $"The function {name} cannot be invoked: {fault.Message.TrimEnd('.')}.", fault);
        }
    }

    // AWS: Using Lambda to process records from Amazon Kinesis Data Streams.
    private byte[] Event(string shard, IReadOnlyList<ReadRecord> records)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("Records");
            foreach (var record in records)
            {
                json.WriteStartObject();
                json.WriteStartObject("kinesis");
                json.WriteString("kinesisSchemaVersion", "1.0");
                json.WriteString("partitionKey", record.PartitionKey);
                json.WriteString("sequenceNumber", record.SequenceNumber);
                json.WriteBase64String("data", record.Data);
                json.WriteNumber("approximateArrivalTimestamp", record.ApproximateArrivalTimestamp);
                json.WriteEndObject();
                json.WriteString("eventSource", "aws:kinesis");
                json.WriteString("eventVersion", "1.0");
                json.WriteString("eventID", $"{shard}:{record.SequenceNumber}");
                json.WriteString("eventName", "aws:kinesis:record");
                json.WriteString("awsRegion", StreamCalls.Region);
                json.WriteString("eventSourceARN", streamArn);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
