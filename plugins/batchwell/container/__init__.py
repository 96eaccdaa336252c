"""What the processes in containers check before they start; a problem is told in one sentence."""
