namespace CdcDms.Infra.Tests.Synthesis;

public class TemplateSnapshotTests
{
    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Templates_are_what_their_snapshots_say(string name) =>
        Assert.All(SynthesizedEnvironment.Of(name).Templates, template => TemplateSnapshot.Check(template.Key, template.Value));

    /// <summary>A warning carries a stack trace with temporary paths: the output of two runs would differ.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Synthesis_warns_of_nothing(string name) =>
        Assert.DoesNotContain("aws:cdk:warning", SynthesizedEnvironment.Of(name).Manifest, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Names))]
    public void Synthesis_looks_nothing_up(string name) =>
        Assert.DoesNotContain("\"missing\"", SynthesizedEnvironment.Of(name).Manifest, StringComparison.Ordinal);

    [Fact]
    public void A_difference_shows_the_lines_that_differ_and_three_before()
    {
        var difference = TemplateSnapshot.Difference("1\n2\n3\n4\nold\n6\n7", "1\n2\n3\n4\nnew\nmore\n6\n7");

        Assert.Equal("at line 5\n  2\n  3\n  4\n- old\n+ new\n+ more", difference);
    }
}
