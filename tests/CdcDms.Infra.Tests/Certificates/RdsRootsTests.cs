using System.Security.Cryptography.X509Certificates;
using CdcDms.Contract;
using CdcDms.Infra.Certificates;

namespace CdcDms.Infra.Tests.Certificates;

public class RdsRootsTests
{
    private static readonly TimeSpan Notice = TimeSpan.FromDays(365);

    [Fact]
    public void Every_root_is_a_self_signed_authority_of_a_region_and_none_is_there_twice()
    {
        var roots = RdsRoots.All.Select(pem => X509Certificate2.CreateFromPem(pem)).ToList();

        Assert.NotEmpty(roots);
        Assert.Distinct(roots.Select(root => root.Subject));
        Assert.All(roots, root =>
        {
            Assert.Contains("CN=Amazon RDS ", root.Subject, StringComparison.Ordinal);
            Assert.Equal(root.Subject, root.Issuer);
            Assert.True(root.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        });
    }

    [Fact]
    public void No_root_expires_within_a_year()
    {
        var first = RdsRoots.All.Select(pem => X509Certificate2.CreateFromPem(pem)).MinBy(root => root.NotAfter)!;

        Assert.True(
            first.NotAfter > DateTime.Now + Notice,
            $"The first root to expire, on {first.NotAfter:yyyy-MM-dd}, is {first.Subject}: "
            + "run node infra/Certificates/refresh-rds.mjs and deploy, before the databases have certificates of new authorities.");
    }

    [Theory]
    [InlineData("us-east-1")]
    [InlineData("eu-central-1")]
    public void The_roots_of_a_region_are_its_three_and_no_others(string region)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(RdsRoots.Of(region));

        Assert.Equal(3, roots.Count);
        Assert.All(roots, root => Assert.Contains($"CN=Amazon RDS {region} Root CA", root.Subject, StringComparison.Ordinal));
    }

    [Fact]
    public void An_unknown_region_is_told_to_name_a_file() =>
        Assert.Contains(
            "caFile",
            Assert.Throws<CdcDmsException>(() => RdsRoots.Of("xx-nowhere-1")).Message,
            StringComparison.Ordinal);
}
