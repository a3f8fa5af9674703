using System.Net;
using System.Text;

namespace CdcDms.Local.Tests.LambdaHost;

/// <summary>The body of a request that stops half way until it is told to go on.</summary>
internal sealed class HaltingContent(string text) : HttpContent
{
    private readonly byte[] _bytes = Encoding.UTF8.GetBytes(text);
    private readonly TaskCompletionSource _halted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when half of the body is written.</summary>
    public Task Halted => _halted.Task;

    /// <summary>Lets the other half follow.</summary>
    public void GoOn() => _goOn.SetResult();

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var half = _bytes.Length / 2;
        await stream.WriteAsync(_bytes.AsMemory(..half));
        await stream.FlushAsync();
        _halted.SetResult();
        await _goOn.Task;
        await stream.WriteAsync(_bytes.AsMemory(half..));
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _bytes.Length;
        return true;
    }
}
