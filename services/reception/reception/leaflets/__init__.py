"""What the hromada hands out: "Твій дільничний", business cards, the poster of the reception."""
