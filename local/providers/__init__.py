"""Google and GitHub on a laptop: a certified OpenID provider, and a double of GitHub's OAuth."""
