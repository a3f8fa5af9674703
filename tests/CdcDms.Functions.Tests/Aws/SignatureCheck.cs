using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CdcDms.Functions.Tests.Aws;

/// <summary>What a server does with a signature: it makes its own from the request it received and compares.</summary>
internal static partial class SignatureCheck
{
    public const string AccessKey = "AKIDEXAMPLE";
    public const string SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    public const string Token = "the-session-token";
    public const string Region = "eu-central-1";

    /// <summary>Why the request must be refused; null when its signature is right.</summary>
    public static string? Fault(WireRequest request, string service)
    {
        var authorization = request.Headers.GetValueOrDefault("authorization", "");
        var form = Form().Match(authorization);
        if (!form.Success)
            return $"no signature: {authorization}";
        var date = request.Headers["x-amz-date"];
        var scope = $"{date[..8]}/{Region}/{service}/aws4_request";
        if (form.Groups["scope"].Value != $"{AccessKey}/{scope}")
            return $"scope {form.Groups["scope"].Value}";
        if (request.Headers.GetValueOrDefault("x-amz-security-token") != Token)
            return "no session token";
        var when = DateTimeOffset.ParseExact(
            date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        if ((DateTimeOffset.UtcNow - when).Duration() > TimeSpan.FromMinutes(5))
            return $"date {date}";

        var names = form.Groups["headers"].Value.Split(';');
        if (!request.Headers.Keys.Where(MustBeSigned).Order(StringComparer.Ordinal).SequenceEqual(names))
            return $"signed headers {form.Groups["headers"].Value}";

        var lines = string.Concat(names.Select(name => $"{name}:{request.Headers[name]}\n"));
        var canonical = $"{request.Method}\n{request.RawUrl}\n\n{lines}\n{form.Groups["headers"].Value}\n{Hash(request.Body)}";
        var text = $"AWS4-HMAC-SHA256\n{date}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical))}";
        string[] chain = [date[..8], Region, service, "aws4_request", text];
        var signature = chain.Aggregate(
            Encoding.UTF8.GetBytes("AWS4" + SecretKey), (key, part) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part)));
        return Convert.ToHexStringLower(signature) == form.Groups["signature"].Value ? null : "the signature is another";
    }

    private static bool MustBeSigned(string header) =>
        header is "host" or "content-type" || header.StartsWith("x-amz-", StringComparison.Ordinal);

    private static string Hash(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=(?<scope>[^,]+), SignedHeaders=(?<headers>[^,]+), Signature=(?<signature>[0-9a-f]{64})$")]
    private static partial Regex Form();
}
