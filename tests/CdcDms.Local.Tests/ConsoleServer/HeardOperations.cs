using CdcDms.Local.Remote;
using CdcDms.Pipeline.Operations;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>Operations of others, of which a test hears what is asked.</summary>
internal sealed class HeardOperations(IOperations others, Action<object> hear) : IOperations
{
    public string Analytics => others.Analytics;

    public string Given => others.Given;

    public Task<TReport> AskAsync<TReport>(OperateRequest<TReport> request, CancellationToken cancellationToken)
    {
        hear(request);
        return others.AskAsync(request, cancellationToken);
    }
}
