using System.Text.Json;
using CdcDms.Contract;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.ConsoleServer;

/// <summary>Starts cures, where the console may, and tells of them.</summary>
/// <param name="places">Whether it may.</param>
/// <param name="work">Does them.</param>
/// <param name="cures">Remembers them.</param>
internal sealed class CureApi(ConsolePlaces places, CureWork work, Cures cures)
{
    /// <summary><c>GET /api/cures</c></summary>
    public Task ListAsync(HttpContext http) =>
        ConsoleAnswers.JsonAsync(http, new ConsoleCures(cures.All), ConsoleJson.Default.ConsoleCures);

    /// <summary><c>POST /api/tables/NAME/cures</c></summary>
    public async Task StartAsync(HttpContext http)
    {
        // Pages of other ports of this machine are of the same site, and get the cookie, too.
        if (http.Request.Headers.Origin != $"{http.Request.Scheme}://{http.Request.Host}" || !http.Request.HasJsonContentType())
        {
            await ConsoleAnswers.FailAsync(
                http, StatusCodes.Status403Forbidden, "A cure is started by the console's own page, with JSON: nothing was done.");
            return;
        }

        if (!places.MayOperate)
        {
            await ConsoleAnswers.FailAsync(
                http, StatusCodes.Status403Forbidden, "This console only shows: start it with --operate to cure by it.");
            return;
        }

        var target = ConsoleApi.Table(http);
        var order = await OrderAsync(http);
        var started = cures.Start(
            order.Kind, target.ToString(), (tell, cancellationToken) => work.DoAsync(order, target, tell, cancellationToken));
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        await ConsoleAnswers.JsonAsync(http, started, ConsoleJson.Default.Cure);
    }

    private static async Task<CureOrder> OrderAsync(HttpContext http)
    {
        try
        {
            var order = await JsonSerializer.DeserializeAsync(http.Request.Body, ConsoleJson.Default.CureOrder, http.RequestAborted)
                ?? throw new JsonException("null is none");
            return Enum.IsDefined(order.Kind) ? order : throw new JsonException($"{order.Kind:d} is no kind of cure");
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition, $"A cure is ordered as {{\"kind\": \"resume\"}}: {fault.Message.TrimEnd('.')}.", fault);
        }
    }
}
