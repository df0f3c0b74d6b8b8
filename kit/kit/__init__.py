"""The chassis that every service stands on: one room a concern, wired by `kit.service.Service`."""
