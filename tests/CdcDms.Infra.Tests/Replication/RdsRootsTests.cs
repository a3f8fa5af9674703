using System.Security.Cryptography.X509Certificates;
using CdcDms.Contract;
using CdcDms.Infra.Replication;

namespace CdcDms.Infra.Tests.Replication;

public class RdsRootsTests
{
    [Fact]
    public void The_roots_of_a_region_are_its_own_and_no_others()
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(RdsRoots.For(Repository.Root, "us-east-1"));

        Assert.Equal(3, roots.Count);
        Assert.All(roots, root => Assert.Contains("CN=Amazon RDS us-east-1 Root CA", root.Subject, StringComparison.Ordinal));
    }

    [Fact]
    public void An_unknown_region_is_told_to_name_a_file() =>
        Assert.Contains("caFile", Assert.Throws<CdcDmsException>(() => RdsRoots.For(Repository.Root, "xx-nowhere-1")).Message, StringComparison.Ordinal);
}
