namespace CdcDms.Pipeline.Transcoding;

/// <summary>A record is no message that can be understood. It is kept whole, and the others go on.</summary>
/// <param name="why">Why, as half a sentence about the record, without a value of a row.</param>
/// <param name="inner">What found it.</param>
internal sealed class MessageException(string why, Exception? inner = null) : Exception(why, inner);
