using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdcDms.Contract;

namespace CdcDms.Infra.Certificates;

/// <summary>
/// The root certificates of RDS, as <c>rds.pem</c> beside this file has them. <c>refresh-rds.mjs</c> makes that file anew from the bundle
/// that AWS publishes.
/// </summary>
internal static class RdsRoots
{
    private const string Resource = "rds.pem";

    /// <summary>All of them, as PEM.</summary>
    public static IReadOnlyList<string> All { get; } = Read();

    /// <summary>Whether roots of a region are known.</summary>
    public static bool Knows(string region) => All.Any(pem => IsOf(region, pem));

    /// <summary>The current roots of a region (RSA 2048, RSA 4096, ECC 384), as PEM.</summary>
    /// <param name="region">An AWS region.</param>
    /// <exception cref="CdcDmsException">No root of the region is known.</exception>
    public static string Of(string region)
    {
        var roots = All.Where(pem => IsOf(region, pem)).ToList();
        return roots.Count > 0
            ? string.Join('\n', roots) + "\n"
            : throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"No RDS root certificate is known for {region}; name a PEM file as tls.caFile of both databases.");
    }

    // In an order of their own, so that a file that is arranged anew is no new certificate for DMS.
    private static List<string> Read()
    {
        using var stream = typeof(RdsRoots).Assembly.GetManifestResourceStream(Resource)!;
        var text = new StreamReader(stream).ReadToEnd();
        var roots = new List<string>();
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
            roots.Add(rest[found.Location].ToString());
        roots.Sort(StringComparer.Ordinal);
        return roots;
    }

    private static bool IsOf(string region, string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.Subject.Contains($"CN=Amazon RDS {region} Root CA ", StringComparison.Ordinal);
    }
}
