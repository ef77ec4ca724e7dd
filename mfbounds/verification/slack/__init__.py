"""Where the slack of a bound comes from, inequality by inequality of its proof."""

from mfbounds.verification.slack.attribution import Link, SlackAttribution, attributable, slack_attribution

__all__ = ["Link", "SlackAttribution", "attributable", "slack_attribution"]
