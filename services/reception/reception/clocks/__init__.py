"""The clocks of the law: which days count, and when a term ends. A statutory clock never pauses."""
