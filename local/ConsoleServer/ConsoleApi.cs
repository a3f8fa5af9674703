using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Status;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CdcDms.Local.ConsoleServer;

/// <summary>What the console answers to programs. <c>page/openapi.json</c> describes it.</summary>
/// <param name="places">What it tells of.</param>
/// <param name="ended">Ends what goes on for several pages.</param>
internal sealed class ConsoleApi(ConsolePlaces places, CancellationToken ended)
{
    private const int Batches = 50;

    private readonly HealthLooks? _health = places.Health is { } look ? new HealthLooks(look, ended) : null;

    /// <summary><c>/api/tables</c></summary>
    public async Task TablesAsync(HttpContext http)
    {
        var read = await places.Operations.AskAsync(new ActivityRequest(), http.RequestAborted);
        await ConsoleAnswers.JsonAsync(
            http, new ConsoleTables(
                read.ReadUtc, places.Health is not null, places.Workflow is not null, [.. read.Tables.Select(ConsoleTable.Of)]),
            ConsoleJson.Default.ConsoleTables);
    }

    /// <summary><c>/api/tables/NAME/batches</c></summary>
    public async Task BatchesAsync(HttpContext http)
    {
        var (before, limit) = (Time(http.Request.Query["before"]), Limit(http.Request.Query["limit"]));
        var batches = await places.Operations.AskAsync(new BatchesRequest(Table(http), before, limit), http.RequestAborted);
        await ConsoleAnswers.JsonAsync(http, batches, ConsoleJson.Default.BatchesReport);
    }

    /// <summary><c>/api/health</c></summary>
    public async Task HealthAsync(HttpContext http)
    {
        if (_health is null)
            await ConsoleAnswers.FailAsync(
                http, StatusCodes.Status404NotFound,
                "This console knows only the analytics database: start it with --source, --lake and --tables to see the health of all.");
        else
            await ConsoleAnswers.JsonAsync(http, await _health.AskAsync(http.RequestAborted), ContractJson.Default.HealthReport);
    }

    /// <summary>The table in the path: the server leaves %2F as it is, and a name may have a slash.</summary>
    /// <exception cref="CdcDmsException">It is no name of a table.</exception>
    public static TableName Table(HttpContext http)
    {
        var path = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        return TableName.Parse(Uri.UnescapeDataString(path.Split('/')[4]));
    }

    private static DateTime? Time(string? text) => string.IsNullOrEmpty(text) ? null
        : DateTime.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time
        : throw new CdcDmsException(ErrorKind.BadDefinition, $"before is a time as 2026-01-31T12:00:00Z, and '{text}' is none.");

    private static int Limit(string? text) => string.IsNullOrEmpty(text) ? Batches
        : int.TryParse(text, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= ActivityJob.MostBatches ? limit
        : throw new CdcDmsException(
            ErrorKind.BadDefinition, $"limit is a number from 1 to {ActivityJob.MostBatches}, and '{text}' is none.");
}
