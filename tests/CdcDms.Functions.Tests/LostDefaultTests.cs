using System.Reflection;
using CdcDms.Aws;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Functions.Tests;

/// <summary>What a record has where its JSON does not say it.</summary>
public class LostDefaultTests
{
    [Fact]
    public void What_JSON_does_not_say_has_the_default_of_its_property() => Assert.Equal("", string.Join(' ', LostDefaults.Of(
        typeof(ContractJson).Assembly, typeof(AwsApi).Assembly, typeof(MergeJob).Assembly, typeof(Invocation).Assembly,
        typeof(Failure).Assembly, Assembly.Load("CdcDms.Local"))));
}
