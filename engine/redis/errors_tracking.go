// Error texts of client-side caching.

package redis

var (
	errTrackingTwoRedirects error = replyError("ERR A client can only redirect to a single other client")
	errTrackingNoRedirect   error = replyError("ERR The client ID you want redirect to does not exist")
	errTrackingPrefix       error = replyError("ERR PREFIX option requires BCAST mode to be enabled")
	errTrackingSwitchBcast  error = replyError("ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.")
	errTrackingBcastOpt     error = replyError("ERR OPTIN and OPTOUT are not compatible with BCAST")
	errTrackingBothOpts     error = replyError("ERR You can't specify both OPTIN mode and OPTOUT mode")
	errTrackingSwitchOpt    error = replyError("ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.")
	errCachingOff           error = replyError("ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled")
	errCachingYes           error = replyError("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
	errCachingNo            error = replyError("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
)
