using System.Collections.Concurrent;
using System.Reflection;
using Xunit.v3;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>
/// Fails a test whose pages did what a page must not do. An assertion of the page itself, as it is closed, would take the place of what
/// failed in the test; this one stands beside it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class FaultlessPagesAttribute : BeforeAfterTestAttribute
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Faults = [];

    /// <summary>Takes what a page of the test that runs did and must not do.</summary>
    public static void Note(IEnumerable<string> faults)
    {
        foreach (var fault in faults)
            Faults.GetOrAdd(TestContext.Current.Test!.UniqueID, _ => []).Enqueue(fault);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Faults.TryRemove(test.UniqueID, out var faults))
            Assert.Fail(string.Join('\n', faults));
    }
}
