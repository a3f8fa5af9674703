using CdcDms.Infra.Tests.Environments;

namespace CdcDms.Infra.Tests.Synthesis;

public class TemplateSnapshotTests
{
    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Templates_are_what_their_snapshots_say(string name) =>
        Assert.All(SynthesizedEnvironment.Of(name).Templates, template => TemplateSnapshot.Check(template.Key, template.Value));

    [Theory]
    [MemberData(nameof(Names))]
    public void Synthesis_warns_only_where_nobody_is_told(string name)
    {
        var environment = SynthesizedEnvironment.Of(name);

        Assert.Equal(environment.Environment.Alarms.Critical.AreNone ? 1 : 0, environment.Manifest.Split("aws:cdk:warning").Length - 1);
    }

    /// <summary>A warning's stack trace would have temporary paths in it: the output of two runs would differ.</summary>
    [Fact]
    public void A_warning_carries_no_stack_trace()
    {
        var manifest = SynthesizedEnvironment.Of(new EnvironmentJson("prod").With("alarms.critical", null)).Manifest;

        Assert.Contains("Nobody is told when a critical alarm of prod rings", manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("\"trace\"", manifest, StringComparison.Ordinal);
    }

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
