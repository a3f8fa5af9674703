using System.Security.Cryptography;
using System.Text;

namespace CdcDms.Infra.Certificates;

/// <summary>Certificates as text.</summary>
internal static class Pem
{
    /// <summary>Eight hexadecimal digits that change with the text.</summary>
    public static string Hash(string pem) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(pem)))[..8];
}
