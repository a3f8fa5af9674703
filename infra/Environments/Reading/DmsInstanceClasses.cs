namespace CdcDms.Infra.Environments.Reading;

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

    /// <summary>Capacity units that a serverless replication may have (docs/dms-contract.md#serverless).</summary>
    public static readonly IReadOnlyList<int> CapacityUnits = [1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384];
}
