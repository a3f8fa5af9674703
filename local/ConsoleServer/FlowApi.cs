using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Status;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.ConsoleServer;

/// <summary>How fast changes flow now.</summary>
/// <param name="places">What it tells of.</param>
internal sealed class FlowApi(ConsolePlaces places)
{
    /// <summary><c>/api/flow</c></summary>
    public async Task FlowAsync(HttpContext http) => await ConsoleAnswers.JsonAsync(
        http, Of(await places.Operations.AskAsync(new MarkRequest(), http.RequestAborted)), ConsoleJson.Default.ConsoleFlow);

    /// <summary>The flow, of which the ledger has said this.</summary>
    public ConsoleFlow Of(ActivityMark mark) => new(places.Captured?.LastMinute(), mark.Minute);
}

/// <summary><c>/api/flow</c></summary>
/// <param name="Captured">What this program has captured of late; null where it captures nothing.</param>
/// <param name="Merged">What was merged of late; null where the functions are of a release that does not tell.</param>
internal sealed record ConsoleFlow(CapturedLately? Captured, MergedLately? Merged);
