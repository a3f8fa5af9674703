using System.Text.Encodings.Web;
using System.Text.Json;

namespace CdcDms.Functions.CustomResources;

/// <summary>Writes an answer to CloudFormation within the length that CloudFormation allows.</summary>
internal static class CloudFormationOutput
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

    /// <summary>The answer as JSON of at most <see cref="MaximumBytes"/>; a reason that does not fit is cut at the end.</summary>
    public static byte[] Write(CloudFormationAnswer answer)
    {
        if (answer.Reason is null)
            return Serialize(answer);
        var room = MaximumBytes - Serialize(answer with { Reason = "" }).Length;
        return Serialize(answer with { Reason = Cut(answer.Reason, room) });
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
}
