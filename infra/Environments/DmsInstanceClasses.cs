using System.Globalization;

namespace CdcDms.Infra.Environments;

/// <summary>The instance classes that DMS has (user guide, "Choosing the right replication instance"); a region may lack some.</summary>
internal static class DmsInstanceClasses
{
    private static readonly (string Family, string[] Sizes)[] Families =
    [
        ("t3", ["micro", "small", "medium", "large"]),
        ("c5", ["large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "12xlarge", "18xlarge", "24xlarge"]),
        ("c6i", ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"]),
        ("c7i", ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"]),
        ("r5", ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"]),
        ("r6i", ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"]),
        ("r7i", ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"]),
    ];

    /// <summary>Every class, such as <c>dms.t3.medium</c>.</summary>
    public static readonly IReadOnlyList<string> All =
        [.. Families.SelectMany(family => family.Sizes.Select(size => $"dms.{family.Family}.{size}"))];

    /// <summary>Memory of a class, such as 16 for <c>dms.r6i.large</c> (user guide, as above); 0 for a class that does not exist.</summary>
    public static int MemoryGigabytes(string instanceClass)
    {
        if (!All.Contains(instanceClass) || instanceClass.Split('.') is not [_, var family, var size])
            return 0;
        if (family == "t3")
            return size switch { "micro" => 1, "small" => 2, "medium" => 4, _ => 8 };
        var processors = size switch
        {
            "large" => 2,
            "xlarge" => 4,
            _ => 4 * int.Parse(size[..^"xlarge".Length], CultureInfo.InvariantCulture),
        };
        return processors * (family.StartsWith('r') ? 8 : 2);
    }

    /// <summary>Capacity units that a serverless replication may have (docs/dms-contract.md#serverless).</summary>
    public static readonly IReadOnlyList<int> CapacityUnits = [1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384];
}
