namespace CdcDms.Functions.Tests;

public sealed class HandlersTests
{
    public static TheoryData<string> Names => [.. FunctionNames.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_name_has_a_handler(string name) => Assert.NotNull(Handlers.Find(name));

    [Theory]
    [InlineData(null)]
    [InlineData("merges")]
    public void Another_name_is_refused_with_those_that_there_are(string? name)
    {
        var fault = Assert.Throws<CdcDmsException>(() => Handlers.Find(name));

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.EndsWith(
            "set it to plan, merge, prove, write-marker, merge-markers, stream, reload, preflight, replication-health, health, "
            + "operate, lifecycle, sandbox, empty-bucket.",
            fault.Message,
            StringComparison.Ordinal);
    }
}
