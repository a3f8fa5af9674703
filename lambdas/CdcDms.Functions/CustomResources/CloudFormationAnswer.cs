using System.Text.Encodings.Web;
using System.Text.Json;

namespace CdcDms.Functions.CustomResources;

/// <summary>The answer of a custom resource (AWS: Custom resource response fields).</summary>
internal sealed record CloudFormationAnswer
{
    /// <summary>CloudFormation refuses a longer answer, and the stack would wait until its own timeout.</summary>
    public const int MaximumBytes = 4096;

    private const string Ellipsis = "…";

    // The default encoder writes a quote or a letter beyond ASCII in six bytes.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    private static readonly CloudFormationJson Json = new(new JsonSerializerOptions(CloudFormationJson.Default.Options)
    {
        Encoder = Encoder,
    });

    /// <summary><c>SUCCESS</c> or <c>FAILED</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why the request failed; people read it in the stack's events. Null after a success.</summary>
    public required string? Reason { get; init; }

    public required string PhysicalResourceId { get; init; }

    public required string StackId { get; init; }

    public required string RequestId { get; init; }

    public required string LogicalResourceId { get; init; }

    /// <summary>The answer to a request, under an id that stays the same for the resource's whole life.</summary>
    /// <param name="reason">Why the request failed; null when it succeeded.</param>
    public static CloudFormationAnswer To(CloudFormationRequest request, string? reason) => new()
    {
        Status = reason is null ? "SUCCESS" : "FAILED",
        Reason = reason,
        PhysicalResourceId = request.PhysicalResourceId ?? $"{StackName(request.StackId)}/{request.LogicalResourceId}",
        StackId = request.StackId,
        RequestId = request.RequestId,
        LogicalResourceId = request.LogicalResourceId,
    };

    /// <summary>The answer as JSON of at most <see cref="MaximumBytes"/>; a reason that does not fit is cut at the end.</summary>
    public byte[] ToUtf8Json()
    {
        if (Reason is null)
            return Serialize(this);
        var room = MaximumBytes - Serialize(this with { Reason = "" }).Length;
        return Serialize(this with { Reason = Cut(Reason, room) });
    }

    // Letter by letter, since each may take between one and twelve bytes. Half of a surrogate pair becomes a replacement character
    // here; the serializer would refuse it.
    private static string Cut(string reason, int room)
    {
        var letters = reason.EnumerateRunes().Select(rune => rune.ToString()).ToList();
        if (letters.Sum(EncodedBytes) <= room)
            return string.Concat(letters);

        var left = room - EncodedBytes(Ellipsis);
        return string.Concat(letters.TakeWhile(letter => (left -= EncodedBytes(letter)) >= 0)) + Ellipsis;
    }

    private static int EncodedBytes(string letter) => JsonEncodedText.Encode(letter, Encoder).EncodedUtf8Bytes.Length;

    private static byte[] Serialize(CloudFormationAnswer answer) => JsonSerializer.SerializeToUtf8Bytes(answer, Json.CloudFormationAnswer);

    // An ARN's last part is stack/NAME/ID.
    private static string StackName(string stackId) => stackId.Split('/') is [_, var name, ..] ? name : stackId;
}
